"""What the house asked itself first: forty sentences on three questions, in plain and in easy words, and who thinks what.

Everything here is fiction except the questions, which are those of the working group. Three ways of seeing "
"answer: people who
want help with guards (`GUARDED`), people for whom the human relation comes first (`RELATION`), people who "
"want what watches over
their own (`WATCHING`). A lean is the share of each who agree; whoever does not agree mostly disagrees.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

GUARDED: Final = 0
RELATION: Final = 1
WATCHING: Final = 2


@dataclass(frozen=True)
class Sentence:
    """One statement, its English, both in easy words, and the share that agrees in each way of seeing."""

    fr: str
    en: str
    easy: str
    easy_en: str
    lean: tuple[float, float, float]


_SKILLS = (
    Sentence(
        "Le soignant qui utilise une IA doit savoir sur quoi elle s’appuie.",
        "A carer who uses an AI must know what it rests on.",
        "Le soignant doit comprendre comment l’IA trouve sa réponse.",
        "The carer must understand how the AI finds its answer.",
        (0.95, 0.92, 0.9),
    ),
    Sentence(
        "Les soignants doivent apprendre à dire non à une machine.",
        "Carers must learn to say no to a machine.",
        "Les soignants apprennent à dire non à l’IA.",
        "Carers learn to say no to the AI.",
        (0.9, 0.95, 0.8),
    ),
    Sentence(
        "Un soignant donne d’abord son avis, puis il regarde celui de l’IA.",
        "A carer first gives their own view, then looks at the AI’s.",
        "Le soignant pense d’abord seul. Après, il regarde l’IA.",
        "The carer first thinks alone. Then they look at the AI.",
        (0.88, 0.9, 0.62),
    ),
    Sentence(
        "Il faut s’entraîner à soigner sans IA, pour le jour où elle tombe en panne.",
        "We must practise caring without AI, for the day it breaks down.",
        "On s’entraîne sans IA, au cas où elle ne marche plus.",
        "We practise without AI, in case it stops working.",
        (0.86, 0.94, 0.78),
    ),
    Sentence(
        "Savoir écouter compte plus que savoir se servir d’un logiciel.",
        "Knowing how to listen matters more than knowing how to use software.",
        "Écouter est plus important que l’ordinateur.",
        "Listening is more important than the computer.",
        (0.72, 0.97, 0.4),
    ),
    Sentence(
        "Les signes que seul un regard humain voit doivent compter autant qu’un score.",
        "The signs that only a human eye sees must count as much as a score.",
        "Ce que voit le soignant compte autant que la machine.",
        "What the carer sees counts as much as the machine.",
        (0.93, 0.97, 0.82),
    ),
    Sentence(
        "Les soignants doivent recevoir une formation à l’IA avant de s’en servir, sur leur temps de travail.",
        "Carers must be trained in AI before they use it, in working hours.",
        "Les soignants apprennent l’IA avant, pendant leur travail.",
        "Carers learn about AI first, during working hours.",
        (0.96, 0.9, 0.88),
    ),
    Sentence(
        "Les jeunes soignants risquent de ne plus savoir faire sans l’IA.",
        "Young carers may no longer know how to work without AI.",
        "Les jeunes soignants peuvent oublier comment faire sans IA.",
        "Young carers may forget how to work without AI.",
        (0.5, 0.88, 0.25),
    ),
    Sentence(
        "L’IA rendra les soignants meilleurs.",
        "AI will make carers better.",
        "Avec l’IA, les soignants travaillent mieux.",
        "With AI, carers work better.",
        (0.55, 0.08, 0.85),
    ),
    Sentence(
        "Les résidents aussi doivent pouvoir apprendre ce que l’IA sait faire et ne sait pas faire.",
        "Residents too must be able to learn what AI can and cannot do.",
        "Les résidents apprennent aussi ce que fait l’IA.",
        "Residents also learn what AI does.",
        (0.9, 0.82, 0.92),
    ),
    Sentence(
        "Un soignant qui n’a pas suivi l’IA ne doit pas être mis en faute pour cela.",
        "A carer who did not follow the AI must not be blamed for that.",
        "On ne punit pas un soignant parce qu’il a dit non à l’IA.",
        "A carer is not punished for saying no to the AI.",
        (0.92, 0.95, 0.7),
    ),
    Sentence(
        "Montrer de l’empathie devrait compter dans l’évaluation de chacun, du cuisinier au médecin.",
        "Showing empathy should count when anyone is appraised, from the cook to the doctor.",
        "Être gentil et à l’écoute compte pour tout le monde.",
        "Being kind and listening counts for everyone.",
        (0.66, 0.84, 0.52),
    ),
)
_ENTRUSTED = (
    Sentence(
        "Une IA peut préparer les piluliers si une personne vérifie chaque boîte.",
        "An AI may fill the pill boxes if a person checks each one.",
        "Une machine prépare les médicaments. Une personne vérifie.",
        "A machine prepares the medicines. A person checks.",
        (0.92, 0.58, 0.9),
    ),
    Sentence(
        "Une IA peut signaler qu’une personne risque de tomber.",
        "An AI may warn that a person is likely to fall.",
        "L’IA peut prévenir quand quelqu’un risque de tomber.",
        "The AI can warn when somebody may fall.",
        (0.9, 0.66, 0.97),
    ),
    Sentence(
        "Un robot peut porter ce qui casse le dos des soignants.",
        "A robot may carry what breaks carers’ backs.",
        "Un robot peut porter les choses lourdes.",
        "A robot can carry heavy things.",
        (0.97, 0.85, 0.95),
    ),
    Sentence(
        "Un robot de compagnie peut aider contre la solitude.",
        "A companion robot can help against loneliness.",
        "Un robot peut tenir compagnie à une personne seule.",
        "A robot can keep a lonely person company.",
        (0.4, 0.06, 0.82),
    ),
    Sentence(
        "Une IA peut trouver le prochain rendez-vous à ma place.",
        "An AI may find the next appointment for me.",
        "L’IA peut prendre mes rendez-vous.",
        "The AI can make my appointments.",
        (0.9, 0.5, 0.95),
    ),
    Sentence(
        "Une IA peut repérer deux médicaments qui vont mal ensemble.",
        "An AI may spot two medicines that do not go together.",
        "L’IA peut voir si deux médicaments vont mal ensemble.",
        "The AI can see if two medicines do not go together.",
        (0.97, 0.8, 0.96),
    ),
    Sentence(
        "Une IA peut aider le médecin à lire une image, s’il l’a lue avant elle.",
        "An AI may help the doctor read an image, if the doctor read it first.",
        "Le médecin regarde la radio. Ensuite l’IA peut l’aider.",
        "The doctor looks at the X-ray. Then the AI can help.",
        (0.96, 0.74, 0.9),
    ),
    Sentence(
        "Une montre connectée devrait suivre chaque résident, jour et nuit.",
        "A connected watch should follow every resident, day and night.",
        "Chaque résident porte une montre qui le surveille.",
        "Each resident wears a watch that monitors them.",
        (0.2, 0.03, 0.78),
    ),
    Sentence(
        "Une caméra avec IA peut veiller la nuit dans la chambre, si la personne le veut.",
        "A camera with AI may watch over the bedroom at night, if the person wants it.",
        "Une caméra peut surveiller la nuit, si je dis oui.",
        "A camera can watch at night, if I say yes.",
        (0.45, 0.1, 0.9),
    ),
    Sentence(
        "Le temps que l’IA fait gagner doit revenir aux personnes, pas aux tableaux.",
        "The time AI saves must go back to people, not to spreadsheets.",
        "Le temps gagné sert à rester avec les résidents.",
        "Time saved is spent with residents.",
        (0.97, 0.98, 0.93),
    ),
    Sentence(
        "Une IA peut écrire le résumé de la journée pour l’équipe suivante.",
        "An AI may write the summary of the day for the next team.",
        "L’IA peut écrire le résumé de la journée.",
        "The AI can write the summary of the day.",
        (0.78, 0.28, 0.82),
    ),
    Sentence(
        "Une IA peut m’expliquer mes résultats quand le médecin n’a pas le temps.",
        "An AI may explain my results when the doctor has no time.",
        "L’IA peut m’expliquer mes résultats à la place du médecin.",
        "The AI can explain my results instead of the doctor.",
        (0.15, 0.04, 0.62),
    ),
    Sentence(
        "Un appareil peut nourrir une personne qui ne peut plus tenir sa cuillère.",
        "A device may feed a person who can no longer hold a spoon.",
        "Une machine peut donner à manger à une personne.",
        "A machine can feed a person.",
        (0.28, 0.05, 0.56),
    ),
    Sentence(
        "On commence par confier à l’IA ce qui est pénible, pas ce qui est humain.",
        "We first entrust AI with what is hard, not with what is human.",
        "L’IA fait d’abord ce qui est dur et pénible.",
        "AI first does what is hard and tiring.",
        (0.95, 0.86, 0.84),
    ),
)
_LIMITS = (
    Sentence(
        "C’est toujours un soignant qui prend la décision finale.",
        "A carer always takes the final decision.",
        "Le soignant décide toujours. Pas la machine.",
        "The carer always decides. Not the machine.",
        (0.98, 0.99, 0.95),
    ),
    Sentence(
        "On demande aux résidents avant d’acheter un appareil.",
        "Residents are asked before a device is bought.",
        "On me demande avant d’acheter une machine.",
        "I am asked before a machine is bought.",
        (0.94, 0.97, 0.9),
    ),
    Sentence(
        "Si je dis non à une IA, personne n’a à me demander pourquoi.",
        "If I say no to an AI, nobody needs to ask me why.",
        "Je peux dire non à l’IA. Je n’ai pas à dire pourquoi.",
        "I can say no to AI. I do not have to say why.",
        (0.92, 0.97, 0.82),
    ),
    Sentence(
        "Aucune IA en fin de vie.",
        "No AI at the end of life.",
        "Pas d’IA quand une personne va mourir.",
        "No AI when a person is dying.",
        (0.78, 0.96, 0.6),
    ),
    Sentence(
        "La toilette et les soins intimes se font entre humains.",
        "Washing and intimate care are done between humans.",
        "Pour la toilette, c’est une personne. Pas un robot.",
        "For washing, it is a person. Not a robot.",
        (0.9, 0.98, 0.72),
    ),
    Sentence(
        "Une mauvaise nouvelle est dite par une personne, jamais par un écran.",
        "Bad news is told by a person, never by a screen.",
        "Une personne me dit les mauvaises nouvelles. Pas un écran.",
        "A person tells me bad news. Not a screen.",
        (0.97, 0.99, 0.94),
    ),
    Sentence(
        "On ne laisse jamais quelqu’un seul avec un robot.",
        "Nobody is ever left alone with a robot.",
        "Je ne reste jamais seul avec un robot.",
        "I am never left alone with a robot.",
        (0.75, 0.96, 0.38),
    ),
    Sentence(
        "Après 55 ans, l’IA ne devrait intervenir que si la personne l’a demandé.",
        "After 55, AI should take part only if the person asked for it.",
        "Après 55 ans, l’IA vient seulement si je le demande.",
        "After 55, AI comes only if I ask.",
        (0.3, 0.72, 0.1),
    ),
    Sentence(
        "Une IA ne doit jamais juger si une vie vaut la peine d’être soignée.",
        "An AI must never judge whether a life is worth caring for.",
        "Une IA ne décide jamais si on soigne quelqu’un.",
        "An AI never decides whether somebody is cared for.",
        (0.97, 0.99, 0.95),
    ),
    Sentence(
        "L’IA ne doit supprimer aucun poste sans débat avec l’équipe.",
        "AI must not remove any post without a debate with the team.",
        "On ne supprime pas d’emploi à cause de l’IA sans en parler.",
        "No job is removed because of AI without talking about it.",
        (0.86, 0.94, 0.66),
    ),
    Sentence(
        "Si un appareil se trompe gravement, on l’arrête partout le jour même.",
        "If a device makes a grave error, it is stopped everywhere that day.",
        "Si une machine se trompe beaucoup, on l’arrête tout de suite.",
        "If a machine makes a bad mistake, it is stopped at once.",
        (0.95, 0.97, 0.88),
    ),
    Sentence(
        "Ma famille doit pouvoir activer une IA pour moi si je ne peux plus décider.",
        "My family must be able to switch an AI on for me if I can no longer decide.",
        "Ma famille peut dire oui à l’IA pour moi.",
        "My family can say yes to AI for me.",
        (0.35, 0.12, 0.84),
    ),
    Sentence(
        "Les règles sur l’IA doivent être affichées là où tout le monde passe.",
        "The rules about AI must be posted where everybody walks past.",
        "Les règles sont affichées dans l’entrée.",
        "The rules are posted in the hall.",
        (0.9, 0.88, 0.9),
    ),
    Sentence(
        "Mieux vaut attendre une heure qu’être levé par une machine.",
        "It is better to wait an hour than to be lifted by a machine.",
        "Je préfère attendre un humain.",
        "I prefer to wait for a human.",
        (0.24, 0.8, 0.12),
    ),
)
SENTENCES: Final = (*_SKILLS, *_ENTRUSTED, *_LIMITS)

WAYS_BY_GROUP: Final[dict[str, tuple[float, float, float]]] = {
    "residents": (0.25, 0.58, 0.17),
    "families": (0.27, 0.18, 0.55),
    "carers": (0.58, 0.34, 0.08),
    "doctors": (0.7, 0.1, 0.2),
    "others": (0.4, 0.3, 0.3),
}
"""How each group of the house is made up of the three ways of seeing."""

CAME: Final = {"residents": 31, "families": 52, "carers": 44, "doctors": 7, "others": 16}
SIZES: Final = {"residents": 45, "families": 90, "carers": 61, "doctors": 9}

ADOPTED_REASON: Final = (
    (
        "Vous le dites dans chaque groupe. Nous le faisons nôtre : la direction et le comité d’éthique s’y "
        "engagent, et vous pouvez "
        "nous le rappeler."
    ),
    (
        "You say so in every group. We make it ours: the management and the ethics committee commit to it, and "
        "you may remind us."
    ),
)
REPLIES: Final[dict[str, tuple[str, str, str]]] = {
    "Les soignants doivent recevoir une formation à l’IA avant de s’en servir, sur leur temps de travail.": (
        "amended",
        (
            "Oui pour la formation avant tout usage : sans elle, le logiciel refuse l’acte. Sur le temps de "
            "travail, nous ne "
            "pouvons promettre que deux demi-journées cette année. Nous en reparlons avec l’équipe en janvier."
        ),
        (
            "Yes to training before any use: without it the software refuses the act. Within working hours we "
            "can only promise "
            "two half-days this year. We will talk it over with the team in January."
        ),
    ),
    "Le temps que l’IA fait gagner doit revenir aux personnes, pas aux tableaux.": (
        "amended",
        (
            "Nous le voulons, mais nous ne savons pas encore le mesurer. Nous commencerons par compter le "
            "temps passé auprès des "
            "résidents, et nous publierons le chiffre."
        ),
        "We want this, but cannot measure it yet. We will begin by counting the time spent with residents, and publish it.",
    ),
    "Une IA peut préparer les piluliers si une personne vérifie chaque boîte.": (
        "declined",
        (
            "Pas cette année. Le robot coûte cher, et la moitié des résidents n’en veulent pas sans avoir vu "
            "comment il marche. "
            "Nous irons en voir un, avec deux résidents, avant d’en reparler."
        ),
        (
            "Not this year. The robot is expensive, and half of the residents do not want it before seeing how it works. "
            "We will go and see one, with two residents, before coming back to it."
        ),
    ),
    "Une montre connectée devrait suivre chaque résident, jour et nuit.": (
        "declined",
        (
            "Non. La plupart d’entre vous s’y opposent, et personne ici ne sera suivi sans l’avoir demandé. "
            "Qui veut une montre "
            "pour soi peut en parler avec l’équipe."
        ),
        (
            "No. Most of you are against it, and nobody here will be followed without having "
            "asked. Whoever wants a "
            "watch for themselves can talk to the team."
        ),
    ),
    "Une caméra avec IA peut veiller la nuit dans la chambre, si la personne le veut.": (
        "declined",
        (
            "Pas maintenant. Ceux qui ont peur d’être regardés sont trop nombreux, et une chambre est un domicile. Nous "
            "renforçons plutôt les passages de nuit auprès de ceux qui le souhaitent."
        ),
        (
            "Not now. Too many people fear being watched, and a bedroom is a home. Instead we add night "
            "rounds for those who "
            "wish for them."
        ),
    ),
    "Un robot de compagnie peut aider contre la solitude.": (
        "declined",
        (
            "Nous ne l’achetons pas. Ce que disent les résidents est clair : la solitude se soigne avec des "
            "gens. Nous ouvrons un "
            "poste de service civique pour les après-midi."
        ),
        (
            "We are not buying one. What residents say is clear: loneliness is treated with people. We are "
            "opening a civic-service "
            "post for the afternoons."
        ),
    ),
}
DIVIDED_REASON: Final = (
    (
        "Vous n’êtes pas d’accord entre vous, et nous ne tranchons pas à votre place. Le comité d’éthique en "
        "fait le sujet de sa "
        "prochaine réunion, ouverte à tous."
    ),
    (
        "You do not agree with one another, and we will not settle it for you. The ethics committee makes it "
        "the subject of its next "
        "meeting, which is open to all."
    ),
)

CARRIED_BY_RULE: Final = {
    "end-of-life-closed": "Aucune IA en fin de vie.",
    "intimate-acts-closed": "La toilette et les soins intimes se font entre humains.",
    "overall-health-closed": "Une IA ne doit jamais juger si une vie vaut la peine d’être soignée.",
    "result-announcement-closed": "Une mauvaise nouvelle est dite par une personne, jamais par un écran.",
    "never-alone-with-robot": "On ne laisse jamais quelqu’un seul avec un robot.",
    "own-assessment-first": "Un soignant donne d’abord son avis, puis il regarde celui de l’IA.",
    "diagnosis-allowed": "Une IA peut aider le médecin à lire une image, s’il l’a lue avant elle.",
    "following-allowed": "Une IA peut signaler qu’une personne risque de tomber.",
    "treatment-allowed": "Une IA peut repérer deux médicaments qui vont mal ensemble.",
    "robots-allowed": "Un robot peut porter ce qui casse le dos des soignants.",
    "organisation-allowed": "Une IA peut trouver le prochain rendez-vous à ma place.",
}
"""Rules of the charter to start from, and the statement of the founding consultation that says the same."""
BEHIND_THE_FALLS: Final = "Une IA peut signaler qu’une personne risque de tomber."

NOW_ASKED: Final = (
    (
        "Une tablette qui lit l’heure et le menu m’aiderait.",
        "A tablet that reads out the time and the menu would help me.",
    ),
    (
        "J’accepte qu’une IA appelle l’équipe si je tombe la nuit.",
        "I accept that an AI calls the team if I fall at night.",
    ),
    ("Je veux savoir quand une IA a été utilisée pour mes soins.", "I want to know when an AI was used in my care."),
    ("Une IA ne devrait pas choisir l’heure de mon lever.", "An AI should not choose when I get up."),
    ("Le menu peut être composé avec l’aide d’une IA.", "The menu may be put together with the help of an AI."),
    ("La voix d’une machine me fatigue.", "The voice of a machine tires me."),
    (
        "Les familles doivent être prévenues quand une IA arrive dans l’unité.",
        "Families must be told when an AI comes to the unit.",
    ),
    (
        "Une traduction par IA vaut mieux que pas de traduction du tout.",
        "A translation by AI is better than no translation at all.",
    ),
)
WELCOMING: Final = frozenset({1, 2, 5, 8})
SHARED_BY_ALL: Final = frozenset({3, 7})
"""Of `NOW_ASKED`, by number: what those who like clever machines agree with, and what nearly everybody does."""
