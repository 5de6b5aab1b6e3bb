-- expect: error: this table is read-only
table.insert(string, function() end)
