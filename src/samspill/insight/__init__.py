"""What everybody may see: initiatives, municipalities, map, distribution, open data.

It writes nothing; everything here can be made again from the other rooms.
"""
