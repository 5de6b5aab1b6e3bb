-- expect: error: this table is read-only
string.len = function() return 0 end
