# find_package(InnominatusSDK 1.0 REQUIRED) gives
#   Innominatus::SDK                                                    the headers
#   innominatus_add_provisioner(NAME SOURCES files [LINKS libraries])   a provisioner NAME.so with one exported symbol
get_filename_component(INNOMINATUS_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET Innominatus::SDK)
  add_library(Innominatus::SDK INTERFACE IMPORTED)
  set_target_properties(Innominatus::SDK PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${INNOMINATUS_PREFIX}/include")
endif()

# The tool that inspects and checks what was built, when it stands beside the SDK.
find_program(INNOMINATUS_EXECUTABLE innominatus HINTS "${INNOMINATUS_PREFIX}/bin")

function(innominatus_add_provisioner name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} MODULE ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  target_link_libraries(${name} PRIVATE Innominatus::SDK ${ARG_LINKS})
  # Static libraries that it links must not add to what it exports, and what it needs must be there at link time, not at load time.
  target_link_options(${name} PRIVATE -Wl,--exclude-libs,ALL -Wl,-z,relro,-z,now,-z,noexecstack)
  # The server refuses files that others can write, whatever the umask here is.
  add_custom_command(TARGET ${name} POST_BUILD COMMAND chmod go-w $<TARGET_FILE:${name}> VERBATIM)
endfunction()
