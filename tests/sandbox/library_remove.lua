-- expect: error: this table is read-only
table.remove(table)
