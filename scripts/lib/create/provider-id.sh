# The name that AWS has for this machine, for a cluster with an external cloud provider.

# Stands for it in kubeadm's configuration, which is one for many nodes: lambdas/domain/kubeadm/render-configuration.ts
PROVIDER_ID=aws:///zone/i-00000000000000000

# provider_id_put: into CONFIGURATION, where that asks for it; told by the instance metadata service
provider_id_put() {
  local METADATA=${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254} METADATA_TOKEN='' HTTP_CODE='' HTTP_BODY='' zone
  [[ $CONFIGURATION == *"$PROVIDER_ID"* ]] || return 0
  METADATA=${METADATA%/}
  metadata_token || fail "$REPLY"
  metadata meta-data/placement/availability-zone || fail "$REPLY"
  zone=$HTTP_BODY
  [[ $HTTP_CODE == 200 && $zone =~ ^[a-z0-9-]+$ ]] || fail "The instance metadata service answers $HTTP_CODE '${zone:0:40}' for the availability zone, expected one such as eu-central-1a: cloudProvider external needs it for the node's provider id."
  metadata meta-data/instance-id || fail "$REPLY"
  [[ $HTTP_CODE == 200 && $HTTP_BODY =~ ^i-[0-9a-f]+$ ]] || fail "The instance metadata service answers $HTTP_CODE '${HTTP_BODY:0:40}' for the instance id, expected one such as i-0123456789abcdef0: cloudProvider external needs it for the node's provider id."
  CONFIGURATION=${CONFIGURATION//"$PROVIDER_ID"/"aws:///$zone/$HTTP_BODY"}
}
