if(TARGET inno_workflow)
  foreach(part catalog resolve place changes plan_example route)
    inno_test(workflow_${part} LABEL unit LINKS inno_workflow
      SOURCES workflow/test_${part}.c workflow/plan_fixture.c)
  endforeach()
endif()
inno_test(graph LABEL unit LINKS inno_workflow SOURCES workflow/test_graph.c)
target_link_libraries(test_graph PRIVATE m)
