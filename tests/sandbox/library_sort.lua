-- expect: error: this table is read-only
table.sort(math)
