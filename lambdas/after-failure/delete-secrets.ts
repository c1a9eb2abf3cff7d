import { ssm } from '../aws/clients';
import { deleteBootstrapSecret, deleteJoinSecrets } from '../aws/bootstrap-secret';
import { deleteSecretsOfNodes, secretName } from '../aws/secrets';

/** Operations that give each node a URL of its own to upload with. */
const UPLOADING = ['back-up-etcd', 'upgrade'];
/** Operations with which nodes join. */
const JOINING = ['create-cluster'];

/** The secrets of an execution that did not come to the end where it deletes them itself. */
export async function deleteSecrets(operation: string, cluster: string, execution: string): Promise<void> {
  if (UPLOADING.includes(operation)) await deleteSecretsOfNodes(ssm(), secretName('upload', cluster, execution));
  else if (JOINING.includes(operation)) await deleteJoinSecrets(ssm(), cluster, execution);
  else await deleteBootstrapSecret(ssm(), cluster, execution);
}
