"""The hot HTTP surface: CDS Hooks for electronic health records, in front of everything else."""
