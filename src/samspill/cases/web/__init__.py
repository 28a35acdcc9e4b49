"""The pages of live cases: the applicant's, the caseworkers', the letters and the gains.

form_fields   one page of a form: drawn from the package, read back from what was posted
application   apply: pages, what is missing, look over, send, receipt
mypage        one's own cases
"""
