if(TARGET inno_workflow)
  foreach(part catalog resolve place changes plan_example route)
    inno_test(workflow_${part} LABEL unit LINKS inno_workflow
      SOURCES workflow/test_${part}.c workflow/plan_fixture.c)
  endforeach()
endif()
