inno_test(observe LABEL unit LINKS inno_audit)
inno_test(observe_postgres LABEL store LINKS inno_audit SOURCES test_observe.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
target_compile_definitions(test_observe_postgres PRIVATE TEST_POSTGRES=1)
