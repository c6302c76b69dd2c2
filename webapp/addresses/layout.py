"""x"""


def arrange(a, b):
    return None
