# `innominatus plugin check` against plugins that keep the contract and that break one rule each.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
function(contract_plugin name)
  test_plugin(contract_${name} contract.c)
  target_compile_definitions(test_plugin_contract_${name} PRIVATE ${ARGN})
  add_dependencies(bad-plugins test_plugin_contract_${name})
endfunction()
contract_plugin(kept KEPT)
contract_plugin(takes_time TAKES_TIME)
foreach(rule PROVISION PROVISION_AT_ALL CRASH LOST_ANSWER STATUS HINTS UPDATE PLAN DEPROVISION UNKNOWN PARAMS CANCEL PARALLEL MEMORY DESCRIPTORS THREADS 
        HEALTH OPEN ACTION REPEAT)
  string(TOLOWER ${rule} name)
  contract_plugin(${name} BREAKS_${rule})
endforeach()

inno_test(check_params LABEL plugins LINKS inno_cli SOURCES test_check_params.c)
target_include_directories(test_check_params PRIVATE ${CMAKE_SOURCE_DIR})
foreach(name check check_servers) # the second: bundled types on real servers and against fakes
  add_test(NAME plugins.${name} COMMAND ${Python3_EXECUTABLE} -B -m pytest -q -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(plugins.${name} PROPERTIES LABELS plugins TIMEOUT 1200 ENVIRONMENT
    "INNO_BUILD_DIR=${CMAKE_BINARY_DIR};INNO_BINARY=$<TARGET_FILE:innominatus>")
endforeach()
