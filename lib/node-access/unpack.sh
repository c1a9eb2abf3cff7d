#!/bin/bash
# A node step's script and its libraries, compressed. To read it, print the next line's text to: base64 -d | gunzip
NODE_STEP_SCRIPT=$(printf %s '@PACKED@' | base64 -d | gunzip) || { echo 'base64 or gunzip is not on this node, and the script is compressed: install coreutils and gzip.' >&2 && exit 1; }
eval "$NODE_STEP_SCRIPT"
