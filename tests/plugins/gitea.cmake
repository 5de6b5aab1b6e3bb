# The provisioner `gitea` against the protocol fake, and against a real server where INNOMINATUS_TEST_GITEA_URL and _TOKEN name one.
foreach(kind fake real)
  set(under "")
  if(kind STREQUAL fake)
    set(under UNDER ${PYTHON3} -B ${CMAKE_SOURCE_DIR}/tests/support/gitea.py)
  endif()
  foreach(name gitea gitea_commits)
    inno_test(${name}_${kind} LABEL plugins LINKS inno_plugin_rest inno_sdk inno_base inno_codec ${CMAKE_DL_LIBS} ${under}
      SOURCES test_${name}.c world.c fake_host.c)
    add_dependencies(test_${name}_${kind} plugin_gitea)
  endforeach()
endforeach()
