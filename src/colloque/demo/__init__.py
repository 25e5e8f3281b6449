"""The fictional establishments and their story: nobody here exists.

The past is lived through the real actions, not written as rows.
"""
