inno_test(states LABEL unit LINKS inno_workflow)
inno_test(shape LABEL unit LINKS inno_workflow)
inno_test(override LABEL unit LINKS inno_resource SOURCES test_override.c)
