#!/bin/bash
# Ends when this control plane's own API server is ready, which includes its etcd member.
until curl -sk --max-time 2 https://127.0.0.1:6443/readyz | grep -qx ok; do sleep 0.5; done
