package face

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/bridge-gateway/bridge/runtime/protocol"
)

// postModern answers a POST of 2026-07-28 or later.
func (s *Server) postModern(w http.ResponseWriter, r *http.Request, m protocol.Message) {
	if m.IsResponse() {
		refuse(w, http.StatusBadRequest, nil, protocol.Errorf(protocol.CodeInvalidRequest, "nothing was asked: answers come with the request that is made again"))
		return
	}
	x := &exchange{revision: protocol.R20260728, header: r.Header}
	s.begin(r.Context(), x, m)
	defer x.cancel(nil)
	if e := x.checkHeaders(r.Header, m); e != nil {
		refuse(w, http.StatusBadRequest, m.ID, e)
		return
	}
	if e := x.checkMeta(m); e != nil {
		refuse(w, http.StatusBadRequest, m.ID, e)
		return
	}
	if m.IsNotification() {
		s.modernNotice(x, m)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	if m.Method == protocol.Listen {
		s.listenHTTP(w, r, x)
		return
	}
	x.out = &reply{w: w, ctx: r.Context()}
	if err := s.start(x); err != nil {
		refuse(w, http.StatusServiceUnavailable, m.ID, x.rpcError(err))
		return
	}
	defer s.stop(x)
	s.answerModern(x, m.Method)
}

// answerModern carries out a request, and answers it.
func (s *Server) answerModern(x *exchange, method string) {
	caller := s.caller(x.ctx)
	caller.Client = clientName(x.meta.ClientInfo)
	r := x.request(method, caller)
	if parkable(method) {
		if s.resume(x, r) {
			return
		}
		if canBeAsked(x.meta.Capabilities) {
			s.converse(x, r)
			return
		}
	}
	x.finish(s.handleModern(x, r))
}

func (s *Server) handleModern(x *exchange, r *Request) (Result, error) {
	switch r.Method {
	case protocol.Discover:
		return x.discover(r)
	case protocol.Initialize, protocol.Ping, protocol.SetLevel, protocol.Subscribe, protocol.Unsubscribe:
		return nil, protocol.Errorf(protocol.CodeMethodNotFound, "revision %s has no method %s", protocol.R20260728, r.Method)
	default:
		return x.handle(x.ctx, r)
	}
}

// modernNotice takes a notification. Over HTTP, none of the protocol's own is
// for the server.
func (s *Server) modernNotice(x *exchange, m protocol.Message) {
	if m.Method == protocol.Cancelled || s.start(x) != nil {
		return
	}
	defer s.stop(x)
	x.out = nowhere{}
	_, _ = x.handle(x.ctx, x.request(m.Method, s.caller(x.ctx)))
}

// nowhere is where what belongs to a notification goes.
type nowhere struct{}

func (nowhere) message([]byte) error { return errAnswered }
func (nowhere) answer([]byte, int)   {}

// checkHeaders holds the headers to the body (2026-07-28, basic/transports,
// Standard Headers; SEP-2243).
func (x *exchange) checkHeaders(header http.Header, m protocol.Message) *protocol.Error {
	version := header.Get(versionKey)
	for _, name := range [...]string{versionKey, protocol.HeaderMethod, protocol.HeaderName} {
		if len(header[name]) > 1 { // what is in front may have read another one
			return mismatch("the header %s is there twice", name)
		}
	}
	switch {
	case version == "":
		return mismatch("the header %s is missing", protocol.HeaderVersion)
	case x.meta.Revision != "" && x.meta.Revision != version:
		return mismatch("the header %s is %q, the body's version is %q", protocol.HeaderVersion, version, x.meta.Revision)
	case version != protocol.R20260728:
		return unsupported(version)
	}
	method := header.Get(protocol.HeaderMethod)
	switch method {
	case m.Method:
	case "":
		return mismatch("the header %s is missing", protocol.HeaderMethod)
	default:
		return mismatch("the header %s is %q, the body's method is %q", protocol.HeaderMethod, method, m.Method)
	}
	member := nameMember(m.Method)
	if member == "" {
		return nil
	}
	name, ok := protocol.DecodeHeader(header.Get(protocol.HeaderName))
	switch inBody := protocol.MemberString(m.Params, member); { // which is there once: see protocol.Parse
	case !ok:
		return mismatch("the header %s is not base64, as it says", protocol.HeaderName)
	case name == "" && inBody != "":
		return mismatch("the header %s is missing", protocol.HeaderName)
	case name != inBody:
		return mismatch("the header %s is %q, the body's %s is %q", protocol.HeaderName, name, member, inBody)
	}
	return nil
}

// nameMember returns the member of params that Mcp-Name repeats; "" for none.
func nameMember(method string) string {
	switch method {
	case protocol.CallTool, protocol.GetPrompt:
		return "name"
	case protocol.ReadResource:
		return "uri"
	default:
		return ""
	}
}

func mismatch(format string, args ...any) *protocol.Error {
	return protocol.Errorf(protocol.CodeHeaderMismatch, format, args...)
}

// checkMeta holds a request to what each says of itself (2026-07-28, basic,
// Requests).
func (x *exchange) checkMeta(m protocol.Message) *protocol.Error {
	switch {
	case m.IsNotification():
		return nil
	case x.meta.Revision == "":
		return protocol.Errorf(protocol.CodeInvalidParams, "the params' _meta lacks %s", protocol.MetaProtocolVersion)
	case x.meta.Revision != protocol.R20260728:
		return unsupported(x.meta.Revision)
	case x.meta.Capabilities == nil:
		return protocol.Errorf(protocol.CodeInvalidParams, "the params' _meta lacks %s", protocol.MetaClientCapabilities)
	}
	return nil
}

// supported returns the revisions that are spoken here, newest first.
func supported() []string { return slices.Insert(protocol.Older(), 0, protocol.R20260728) }

func unsupported(asked string) *protocol.Error {
	e := protocol.Errorf(protocol.CodeUnsupportedVersion, "the protocol's version %q is not spoken here", asked)
	e.Data, _ = json.Marshal(struct {
		Supported []string `json:"supported"`
		Requested string   `json:"requested"`
	}{supported(), asked})
	return e
}

// discover answers server/discover.
func (x *exchange) discover(r *Request) (Result, error) {
	d, err := x.describe(r)
	if err != nil {
		return nil, err
	}
	revisions, _ := json.Marshal(supported())
	out := append([]byte(`{"supportedVersions":`), revisions...)
	out = append(append(out, `,"capabilities":`...), d.capabilities()...)
	info := d.appendInfo(nil)
	out = append(append(out, `,"serverInfo":`...), info...)
	if d.Instructions != "" {
		out = protocol.AppendString(append(out, `,"instructions":`...), d.Instructions)
	}
	out = strconv.AppendInt(append(out, `,"ttlMs":`...), d.TTL.Milliseconds(), 10)
	scope := `,"cacheScope":"public"`
	if d.Private {
		scope = `,"cacheScope":"private"`
	}
	out = append(append(out, scope...), `,"_meta":{"`+metaServerInfo+`":`...)
	return Raw(append(append(out, info...), "}}"...)), nil
}

// metaServerInfo is the member of a result's "_meta" that names the server.
const metaServerInfo = protocol.MetaPrefix + "serverInfo"

func (d *Description) capabilities() []byte {
	if len(d.Capabilities) == 0 {
		return []byte("{}")
	}
	return d.Capabilities
}

func (d *Description) appendInfo(dst []byte) []byte {
	dst = protocol.AppendString(append(dst, `{"name":`...), d.Name)
	if d.Title != "" {
		dst = protocol.AppendString(append(dst, `,"title":`...), d.Title)
	}
	dst = protocol.AppendString(append(dst, `,"version":`...), d.Version)
	return append(dst, '}')
}
