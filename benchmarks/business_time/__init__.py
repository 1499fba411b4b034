"""Business time of many spans: a search in open segments against libraries that walk from day to day."""
