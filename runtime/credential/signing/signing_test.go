package signing_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/bridge-gateway/bridge/runtime/credential/signing"
	"github.com/bridge-gateway/bridge/runtime/fault"
)

func text(s string) signing.Reveal {
	return func(context.Context) (string, error) { return s, nil }
}

func request(t *testing.T, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.example.com/v1/a%2Fb?x=1&y=%20", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Tenant", "acme")
	return r
}

// TestHMAC makes the signatures once more, as an upstream's documentation has it.
func TestHMAC(t *testing.T) {
	const body = `{"a": 1}`
	sum := sha256.Sum256([]byte(body))
	for name, c := range map[string]struct {
		o    signing.HMACOptions
		over func(r *http.Request) string // what is signed
		want func(signed string) string
	}{
		"as it is": {signing.HMACOptions{}, func(r *http.Request) string {
			return "POST\n/v1/a%2Fb?x=1&y=%20\n" + r.Header.Get("X-Timestamp") + "\n" + body
		}, hexSHA256},
		"body alone, with a prefix": {signing.HMACOptions{Header: "X-Hub-Signature-256", Prefix: "sha256=", Over: []string{"body"}},
			func(*http.Request) string { return body }, func(s string) string { return "sha256=" + hexSHA256(s) }},
		"all parts": {signing.HMACOptions{Algorithm: "sha512", Encoding: "base64", TimestampHeader: "X-Time",
			Over: []string{"timestamp", "host", "path", "query", "header:x-tenant", "header:X-None", "body_sha256"}},
			func(r *http.Request) string {
				return r.Header.Get("X-Time") + "\napi.example.com\n/v1/a%2Fb\nx=1&y=%20\nacme\n\n" + hex.EncodeToString(sum[:])
			}, func(s string) string {
				mac := hmac.New(sha512.New, []byte("planted-key"))
				mac.Write([]byte(s))
				return base64.StdEncoding.EncodeToString(mac.Sum(nil))
			}},
	} {
		t.Run(name, func(t *testing.T) {
			c.o.What, c.o.Key = "x", text("planted-key")
			h, err := signing.NewHMAC(c.o)
			if err != nil {
				t.Fatal(err)
			}
			r := request(t, body)
			for range 2 { // a request that is sent again is signed again
				if err := h.Sign(r); err != nil {
					t.Fatal(err)
				}
			}
			header := c.o.Header
			if header == "" {
				header = "X-Signature"
			}
			if got, want := r.Header.Get(header), c.want(c.over(r)); got != want {
				t.Errorf("signed %s, want %s", got, want)
			}
			if sent, _ := io.ReadAll(r.Body); string(sent) != body {
				t.Errorf("the body that is sent is %q", sent)
			}
		})
	}
}

func hexSHA256(s string) string {
	mac := hmac.New(sha256.New, []byte("planted-key"))
	mac.Write([]byte(s))
	return hex.EncodeToString(mac.Sum(nil))
}

func TestHMACRefuses(t *testing.T) {
	for want, o := range map[string]signing.HMACOptions{
		"key must be given":       {Key: nil},
		"algorithm must be":       {Key: text("k"), Algorithm: "md5"},
		"encoding must be":        {Key: text("k"), Encoding: "hexa"},
		"over must be a list":     {Key: text("k"), Over: []string{"bodies"}},
		"x.over must be a list o": {Key: text("k"), Over: []string{"header:X-Signature"}},
	} {
		o.What = "x"
		if _, err := signing.NewHMAC(o); fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Message(err), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
	h, err := signing.NewHMAC(signing.HMACOptions{What: "x", Key: text("")})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Sign(request(t, "")); !strings.Contains(fault.Message(err), "x.key is empty") {
		t.Errorf("an empty key: %v", err)
	}
}

// TestAWS compares with the SDK's own signer, at the time that was signed.
func TestAWS(t *testing.T) {
	for _, service := range []string{"execute-api", "s3"} {
		a := signing.NewAWS(signing.AWSOptions{What: "x", Region: "eu-central-1", Service: service,
			AccessKeyID: text("AKIDEXAMPLE"), SecretAccessKey: text("planted-key"), SessionToken: text("planted-session")})
		const body = `{"a": 1}`
		r := request(t, body)
		for range 2 {
			if err := a.Sign(r); err != nil {
				t.Fatal(err)
			}
		}
		again := request(t, body)
		sum := sha256.Sum256([]byte(body))
		again.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
		when, err := time.Parse("20060102T150405Z", r.Header.Get("X-Amz-Date"))
		if err != nil {
			t.Fatal(err)
		}
		keys := aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "planted-key", SessionToken: "planted-session"}
		plain := func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }
		if err := v4.NewSigner(plain).SignHTTP(t.Context(), keys, again, hex.EncodeToString(sum[:]), service, "eu-central-1", when); err != nil {
			t.Fatal(err)
		}
		if got, want := r.Header.Get("Authorization"), again.Header.Get("Authorization"); got != want {
			t.Errorf("%s: signed %s\nwant %s", service, got, want)
		}
	}
}

// TestAWSWithoutKeys asks a chain that has none, and a region that nobody gave.
func TestAWSWithoutKeys(t *testing.T) {
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true"} {
		t.Setenv(name, value)
	}
	for want, o := range map[string]signing.AWSOptions{
		"has no region":                  {Service: "s3"},
		"credential chain gives no keys": {Service: "s3", Region: "eu-central-1"},
		"has an empty access_key_id":     {Service: "s3", Region: "eu-central-1", AccessKeyID: text("planted"), SecretAccessKey: text("")},
	} {
		o.What = "sources.q.credential.aws"
		err := signing.NewAWS(o).Sign(request(t, ""))
		if fault.KindOf(err) != fault.Unavailable || !strings.Contains(fault.Message(err), want) || strings.Contains(err.Error(), "planted") {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
	}
}
