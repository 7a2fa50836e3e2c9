"""An audit as a program: where entries come from, what is kept between runs, and what is said at the end."""
