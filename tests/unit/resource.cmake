inno_test(drift LABEL unit LINKS inno_resource SOURCES test_drift.c)
