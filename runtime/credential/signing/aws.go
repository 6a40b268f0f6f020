package signing

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/bridge-gateway/bridge/runtime/fault"
)

// Reveal returns a secret's text as it is now.
type Reveal func(context.Context) (string, error)

// AWSOptions say how requests to AWS are signed.
type AWSOptions struct {
	// What names the setting in messages: "sources.queue.credential.aws".
	What string
	// Region and Service are the scope of the signature, such as eu-central-1 and
	// execute-api. Region "" takes that of AWS's own settings.
	Region, Service string
	// Profile is one of AWS's shared configuration; "" takes its default.
	Profile string
	// AccessKeyID, SecretAccessKey and SessionToken are used instead of AWS's
	// credential chain where the first is not nil; SessionToken may be nil.
	AccessKeyID, SecretAccessKey, SessionToken Reveal
}

// AWS signs requests by AWS Signature Version 4, with given keys or those of the
// SDK's chain: environment, shared files, web identity, container and instance
// roles. It is safe for parallel use.
type AWS struct {
	opts   AWSOptions
	signer *v4.Signer

	mu     sync.Mutex
	loaded *aws.Config
}

// NewAWS returns a signer. The chain is asked when the first request is signed.
func NewAWS(o AWSOptions) *AWS {
	s3 := o.Service == "s3" // it signs the path as it is, once encoded
	return &AWS{opts: o, signer: v4.NewSigner(func(so *v4.SignerOptions) { so.DisableURIPathEscaping = s3 })}
}

// Region returns the region that is signed for.
func (a *AWS) Region(ctx context.Context) (string, error) {
	if a.opts.Region != "" {
		return a.opts.Region, nil
	}
	c, err := a.config(ctx)
	if err != nil {
		return "", err
	}
	if c.Region == "" {
		return "", fault.New("aws.region", fault.Unavailable, a.opts.What+" has no region: give one, or set AWS_REGION where the gateway is started")
	}
	return c.Region, nil
}

// Sign signs a request. Its error says what to check and holds no secret.
func (a *AWS) Sign(r *http.Request) error {
	region, err := a.Region(r.Context())
	if err != nil {
		return err
	}
	return a.SignFor(r, region)
}

// SignFor is [AWS.Sign] for another region.
func (a *AWS) SignFor(r *http.Request, region string) error {
	keys, err := a.keys(r.Context())
	if err != nil {
		return err
	}
	sum, err := bodySum(r)
	if err != nil {
		return err
	}
	// A request that is sent again has what the last signature left behind.
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		r.Header.Del(name)
	}
	r.Header.Set("X-Amz-Content-Sha256", sum)
	if err := a.signer.SignHTTP(r.Context(), keys, r, sum, a.opts.Service, region, time.Now()); err != nil {
		return fault.Wrap("aws.sign", fault.Internal, "the request can't be signed for AWS", err)
	}
	return nil
}

// keys returns what to sign with.
func (a *AWS) keys(ctx context.Context) (aws.Credentials, error) {
	if a.opts.AccessKeyID != nil {
		return a.givenKeys(ctx)
	}
	c, err := a.config(ctx)
	if err != nil {
		return aws.Credentials{}, err
	}
	keys, err := c.Credentials.Retrieve(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return keys, ctx.Err()
		}
		return keys, a.noKeys(err)
	}
	return keys, nil
}

func (a *AWS) noKeys(cause error) error {
	return fault.Wrap("aws.keys", fault.Unavailable, a.opts.What+
		": AWS's credential chain gives no keys; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role for where the gateway runs, and try `aws sts get-caller-identity` there", hidden(cause))
}

// hidden keeps of a cause what can't hold a secret: its type.
func hidden(cause error) error {
	for next := errors.Unwrap(cause); next != nil; next = errors.Unwrap(cause) {
		cause = next
	}
	return fmt.Errorf("the cause is of type %T", cause)
}

func (a *AWS) givenKeys(ctx context.Context) (aws.Credentials, error) {
	var texts [3]string
	for i, reveal := range []Reveal{a.opts.AccessKeyID, a.opts.SecretAccessKey, a.opts.SessionToken} {
		if reveal == nil {
			continue
		}
		text, err := reveal(ctx)
		if err != nil {
			return aws.Credentials{}, err
		}
		texts[i] = text
	}
	if texts[0] == "" || texts[1] == "" {
		return aws.Credentials{}, fault.New("aws.keys", fault.Unavailable, a.opts.What+" has an empty access_key_id or secret_access_key; check the variables or files that they name")
	}
	return aws.Credentials{AccessKeyID: texts[0], SecretAccessKey: texts[1], SessionToken: texts[2]}, nil
}

// config returns AWS's own settings, read once they can be.
func (a *AWS) config(ctx context.Context) (*aws.Config, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.loaded != nil {
		return a.loaded, nil
	}
	var how []func(*config.LoadOptions) error
	if a.opts.Profile != "" {
		how = append(how, config.WithSharedConfigProfile(a.opts.Profile))
	}
	c, err := config.LoadDefaultConfig(ctx, how...)
	if err != nil {
		return nil, fault.Wrap("aws.config", fault.Unavailable, a.opts.What+": AWS's settings can't be read; check AWS_PROFILE and the files under ~/.aws", hidden(err))
	}
	a.loaded = &c
	return a.loaded, nil
}

// bodySum returns the SHA-256 of a request's body, in hexadecimal.
func bodySum(r *http.Request) (string, error) {
	sum := sha256.New()
	if err := writeBody(sum, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// writeBody writes a request's body and leaves it to be sent.
func writeBody(to io.Writer, r *http.Request) error {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	if r.GetBody == nil {
		return fault.New("sign.body", fault.Internal, "a request whose body can be read just once can't be signed")
	}
	body, err := r.GetBody()
	if err != nil {
		return fault.Wrap("sign.body", fault.Internal, "the request's body can't be read to sign it", err)
	}
	defer func() { _ = body.Close() }()
	if _, err := io.Copy(to, body); err != nil {
		return fault.Wrap("sign.body", fault.Internal, "the request's body can't be read to sign it", err)
	}
	return nil
}
