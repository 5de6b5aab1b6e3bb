inno_test(auth LABEL unit LINKS inno_auth)
inno_test(auth_postgres LABEL store LINKS inno_auth SOURCES test_auth.c ${CMAKE_SOURCE_DIR}/tests/support/pg.c)
target_compile_definitions(test_auth_postgres PRIVATE TEST_POSTGRES=1)
