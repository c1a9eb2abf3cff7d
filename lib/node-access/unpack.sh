# shellcheck shell=bash
# The rest of this node step's script, with its libraries, is compressed. To read it, give what is in quotes below to: base64 -d | gunzip
NODE_STEP_SCRIPT=$(printf %s '@PACKED@' | base64 -d | gunzip) || { echo 'base64 or gunzip is not on this node, and the script is compressed: install coreutils and gzip.' >&2 && exit 1; }
eval "$NODE_STEP_SCRIPT"
