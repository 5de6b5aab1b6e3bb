inno_test(audit LABEL unit LINKS inno_audit)
inno_test(audit_postgres LABEL store LINKS inno_audit SOURCES test_audit.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
target_compile_definitions(test_audit_postgres PRIVATE TEST_POSTGRES=1)
