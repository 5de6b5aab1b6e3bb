inno_test(states LABEL unit LINKS inno_workflow)
inno_test(shape LABEL unit LINKS inno_workflow)
