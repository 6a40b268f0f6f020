package protocol

import "strconv"

// IsRequest reports whether the message wants an answer.
func (m Message) IsRequest() bool { return m.Method != "" && m.ID != nil }

// IsNotification reports whether the message is a notification.
func (m Message) IsNotification() bool { return m.Method != "" && m.ID == nil }

// IsResponse reports whether the message is an answer.
func (m Message) IsResponse() bool { return m.Method == "" && (m.Result != nil || m.Error != nil) }

// Append appends the message to dst as JSON. Params and results go in as they
// are: see [OneLine] for where they must not have line breaks.
func (m Message) Append(dst []byte) []byte {
	if m.Method == "" {
		return m.appendResponse(dst)
	}
	dst = append(dst, `{"jsonrpc":"2.0"`...)
	if m.ID != nil {
		dst = append(dst, `,"id":`...)
		dst = append(dst, m.ID...)
	}
	dst = append(dst, `,"method":`...)
	dst = AppendString(dst, m.Method)
	if m.Params != nil {
		dst = append(dst, `,"params":`...)
		dst = append(dst, m.Params...)
	}
	return append(dst, '}')
}

func (m Message) appendResponse(dst []byte) []byte {
	dst = m.ID.AppendResponse(dst)
	if m.Error != nil {
		dst = append(dst, `"error":`...)
		dst = m.Error.Append(dst)
	} else {
		dst = append(dst, `"result":`...)
		dst = append(dst, m.Result...)
	}
	return append(dst, '}')
}

// AppendResponse appends the beginning of a response, up to where "result": or
// "error": is to follow, for a result that writes itself.
func (id ID) AppendResponse(dst []byte) []byte {
	dst = append(dst, `{"jsonrpc":"2.0","id":`...)
	if id == nil {
		dst = append(dst, "null"...)
	} else {
		dst = append(dst, id...)
	}
	return append(dst, ',')
}

// Append appends the error to dst as JSON.
func (e *Error) Append(dst []byte) []byte {
	dst = append(dst, `{"code":`...)
	dst = strconv.AppendInt(dst, int64(e.Code), 10)
	dst = append(dst, `,"message":`...)
	dst = AppendString(dst, e.Message)
	if len(e.Data) > 0 {
		dst = append(dst, `,"data":`...)
		dst = append(dst, e.Data...)
	}
	return append(dst, '}')
}

// AppendInput appends a request as one of "inputRequests": its method and params
// alone (2026-07-28, Multi Round-Trip Requests).
func (m Message) AppendInput(dst []byte) []byte {
	dst = AppendString(append(dst, `{"method":`...), m.Method)
	if m.Params != nil {
		dst = append(append(dst, `,"params":`...), m.Params...)
	}
	return append(dst, '}')
}
