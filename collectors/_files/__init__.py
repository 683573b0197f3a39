"""How tables of every kind are opened, understood and gone through: the inside of ``collectors.files``."""
