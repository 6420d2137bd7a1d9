# suture_library(NAME SOURCES ... [LINKS ...] [PRIVATE_LINKS ...])
#
# One target per folder of agent/. The folder's headers are reached as "folder/header.h" through a directory of the build
# tree that holds a link to this folder and to no other, and that only those who link the target have on their include
# path: an #include of a folder that is not linked does not compile.
#
# NAME is the folder's path below agent/, e.g. proto/http1; the target is suture_proto_http1.
function(suture_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  string(REPLACE "/" "_" flat ${name})
  set(target suture_${flat})
  set(root ${CMAKE_BINARY_DIR}/include-roots/${flat})
  get_filename_component(parent ${root}/${name} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  # A folder with subfolders that are targets of their own shares only its own headers.
  if(NOT EXISTS ${root}/${name})
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/agent/${name} ${root}/${name} SYMBOLIC)
  endif()
  if(ARG_SOURCES)
    add_library(${target} STATIC ${ARG_SOURCES})
    target_include_directories(${target} PUBLIC ${root})
    target_link_libraries(${target} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${root})
    target_link_libraries(${target} INTERFACE ${ARG_LINKS})
  endif()
endfunction()

# The headers of include/wire, for those who speak with the kernel or replay it. SYSTEM: they are C, whose flexible array
# members -Wpedantic does not allow in C++.
add_library(suture_wire INTERFACE)
target_include_directories(suture_wire SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/include)
