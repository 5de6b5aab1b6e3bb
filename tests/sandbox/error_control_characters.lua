-- expect: error: a b
-- terminals read messages
error("a\27b", 0)
