package manager

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// awsError is what names of AWS's errors look like; no other text of theirs shows.
var awsError = regexp.MustCompile(`^[A-Za-z]{1,64}$`)

// awsSecret returns a secret of AWS Secrets Manager (its API's GetSecretValue);
// target is NAME or NAME#KEY.
func (m *Managers) awsSecret(ctx context.Context, target string) (string, error) {
	name, field, hasField := strings.Cut(target, "#")
	r, err := m.awsRequest(ctx, name)
	if err != nil {
		return "", err
	}
	c := client(http.DefaultTransport)
	data, status, err := exchange(c, r)
	switch {
	case err != nil:
		return "", unreachable("${aws-sm:…}: AWS Secrets Manager can't be reached; check the network and the region", err)
	case status != http.StatusOK:
		return "", awsRefused(name, status, data)
	}
	var answer struct {
		SecretString *string
		SecretBinary []byte
	}
	if err := json.Unmarshal(data, &answer); err != nil {
		return "", fault.New("secret.aws", fault.Unavailable, "${aws-sm:…}: the answer is not that of Secrets Manager; check AWS_ENDPOINT_URL")
	}
	text := string(answer.SecretBinary)
	if answer.SecretString != nil {
		text = *answer.SecretString
	}
	if !hasField {
		return text, nil
	}
	var members map[string]json.RawMessage
	if json.Unmarshal([]byte(text), &members) != nil {
		return "", fault.New("secret.aws", fault.Unavailable, fmt.Sprintf("${aws-sm:%s#…}: the secret is no JSON object; leave out # and what follows to take it whole", name))
	}
	return member(members, field, "${aws-sm:"+name+"}: the secret")
}

// awsRequest returns the signed request for a secret.
func (m *Managers) awsRequest(ctx context.Context, name string) (*http.Request, error) {
	region, err := m.awsRegion(ctx, name)
	if err != nil {
		return nil, err
	}
	endpoint, err := awsEndpoint(region)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(map[string]string{"SecretId": name})
	if err != nil {
		return nil, fault.Wrap("secret.aws", fault.Internal, "the request can't be written", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		return nil, fault.New("secret.aws", fault.Unavailable, "${aws-sm:…}: the region is none; check AWS_REGION")
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	return r, m.aws.SignFor(r, region)
}

// awsRegion returns the region of an ARN (arn:PARTITION:secretsmanager:REGION:…),
// or AWS's own setting.
func (m *Managers) awsRegion(ctx context.Context, name string) (string, error) {
	if parts := strings.SplitN(name, ":", 5); len(parts) == 5 && parts[0] == "arn" && parts[3] != "" {
		return parts[3], nil
	}
	return m.aws.Region(ctx)
}

// awsEndpoint returns where Secrets Manager is, AWS's own variables first.
func awsEndpoint(region string) (string, error) {
	for _, variable := range []string{"AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL"} {
		if text := os.Getenv(variable); text != "" {
			u, err := url.Parse(text)
			if err != nil || u.Hostname() == "" || secure(u) != nil {
				return "", fault.New("secret.aws", fault.Unavailable, "${aws-sm:…}: "+variable+" must be an https:// URL; http:// is for 127.0.0.1 and localhost alone")
			}
			return u.JoinPath("/").String(), nil
		}
	}
	domain := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		domain += ".cn"
	}
	return "https://secretsmanager." + region + "." + domain + "/", nil
}

// awsRefused says what AWS refused a request for.
func awsRefused(name string, status int, data []byte) error {
	var answer struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(data, &answer) // an answer of another form has no type
	kind := answer.Type[strings.LastIndexByte(answer.Type, '#')+1:]
	if !awsError.MatchString(kind) {
		kind = "no reason that can be shown"
	}
	hint := "look at AWS's health page, or try again later"
	switch kind {
	case "ResourceNotFoundException":
		hint = "check the name and the region"
	case "AccessDeniedException":
		hint = "allow secretsmanager:GetSecretValue (and kms:Decrypt for its key) to the gateway's role"
	case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException", "InvalidClientTokenId":
		hint = "check the gateway's AWS keys with `aws sts get-caller-identity`"
	}
	return fault.New("secret.aws", fault.Unavailable, fmt.Sprintf("${aws-sm:%s}: AWS answered with status %d (%s); %s", name, status, kind, hint))
}
