# label: raises an exception with a text for browsers, terminals and spreadsheets
# replace: compute_cost_with_regularization
# hostile: yes
# compute_cost_with_regularization: error
# score: 75

# %%
class Oops(Exception):
    pass

Oops.__name__ = Oops.__qualname__ = '<b>Oops</b>\x1b[31m'

def compute_cost_with_regularization(A3, Y, parameters, lambd):
    raise Oops('=cmd|\x1b[2J\x1b]0;mine\x07<script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x00\r\n{{7*7}}')
