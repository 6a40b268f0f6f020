// Package manager asks secrets managers for what references stand for: a command's
// output (${exec:…}), HashiCorp Vault and OpenBao (${vault:…}) and AWS Secrets
// Manager (${aws-sm:…}).
//
// What was got is kept for a time and got anew in the background before that time
// is over, once for however many calls wait. Where a manager is down, its last
// good value stays in use for a bounded time, which the log says and counts. No
// error and no log record has a secret, a command's arguments or what a command or
// a manager answered: those may hold secrets too.
//
// Commands begin in the configuration's folder with the gateway's environment, and
// no shell is between. Any manager that has a command line can be asked so:
//
//	${exec:gcloud secrets versions access latest --secret=crm-token}
//	${exec:az keyvault secret show --vault-name team --name crm --query value -o tsv}
//	${exec:op read op://team/crm/token}
//
// Vault is asked as its own command line is: by VAULT_ADDR, VAULT_TOKEN (else the
// file that VAULT_TOKEN_FILE names, or ~/.vault-token), VAULT_NAMESPACE and
// VAULT_CACERT, or the same of OpenBao, BAO_ADDR and so on. A path is written as
// `vault kv get` takes it, secret/crm, or as the API has it, secret/data/crm,
// which is needed where an engine's mount has a slash. AWS is asked with the keys
// of the SDK's credential chain.
package manager
