inno_test(audit LABEL unit LINKS inno_audit inno_observe inno_store)
