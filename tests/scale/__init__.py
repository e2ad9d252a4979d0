"""Whole stories over as large an inventory as one asks for; the ordinary run plays them over a small one."""
