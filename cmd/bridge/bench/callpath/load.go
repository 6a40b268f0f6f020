package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"
)

// load is what calls are made, again and again.
type load struct {
	Addr     string
	Request  []byte // an HTTP/1.1 request, whole
	Callers  int
	Duration time.Duration
	Least    int // how many bytes an answer's body has at least
}

// seen is what a load's generator saw.
type seen struct {
	Calls    int
	P50, P99 time.Duration
}

// make makes the calls from a process of its own.
func (l load) make(ctx context.Context) (s seen, err error) {
	text, err := json.Marshal(l)
	if err != nil {
		return s, err
	}
	p, err := start(ctx, "load")
	if err != nil {
		return s, err
	}
	defer p.stop()
	return s, p.ask(string(text), &s)
}

// playLoad makes the calls that standard input tells of.
func playLoad(ctx context.Context, _ []string) error {
	fmt.Println("listening nowhere")
	var l load
	if err := json.NewDecoder(os.Stdin).Decode(&l); err != nil {
		return err
	}
	s, err := l.run(ctx)
	if err != nil {
		return err
	}
	text, err := json.Marshal(s)
	fmt.Println("answer " + string(text))
	return err
}

func (l load) run(ctx context.Context) (seen, error) {
	ctx, cancel := context.WithTimeout(ctx, l.Duration)
	defer cancel()
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var callers sync.WaitGroup
	for range l.Callers {
		callers.Go(func() {
			times, err := l.caller(ctx)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, times...)
			failed = errors.Join(failed, err)
		})
	}
	callers.Wait()
	if failed != nil || len(took) == 0 {
		return seen{}, fmt.Errorf("calls failed: %w", failed)
	}
	slices.Sort(took)
	return seen{Calls: len(took), P50: took[len(took)/2], P99: took[len(took)*99/100]}, nil
}

// caller makes one call after the other on one connection.
func (l load) caller(ctx context.Context) ([]time.Duration, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	r := &reader{Reader: bufio.NewReaderSize(conn, 64<<10)}
	took := make([]time.Duration, 0, 1<<16)
	for ctx.Err() == nil {
		began := time.Now()
		if _, err := conn.Write(l.Request); err != nil {
			return took, err
		}
		body, err := r.response()
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(began))
		if len(body) < l.Least || len(took) == 1 && bytes.Contains(body, []byte(`"isError":true`)) {
			return took, fmt.Errorf("the answer is not what was asked for: %.300s", body)
		}
	}
	return took, nil
}

// reader reads HTTP/1.1 responses, into memory that it uses again.
type reader struct {
	*bufio.Reader
	body []byte
}

var (
	lengthHeader  = []byte("Content-Length: ")
	chunkedHeader = []byte("Transfer-Encoding: chunked")
)

func (r *reader) response() ([]byte, error) {
	status, err := r.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200"))
	first := string(bytes.TrimSpace(status))
	length, chunked := 0, false
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		if rest, ok := bytes.CutPrefix(line, lengthHeader); ok {
			if length, err = strconv.Atoi(string(rest)); err != nil {
				return nil, err
			}
		}
		chunked = chunked || bytes.Equal(line, chunkedHeader)
	}
	r.body = r.body[:0]
	if chunked {
		err = r.chunks()
	} else {
		err = r.more(length)
	}
	if err == nil && !ok {
		err = fmt.Errorf("%s: %.300s", first, r.body)
	}
	return r.body, err
}

func (r *reader) chunks() error {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return err
		}
		if err := r.more(int(size)); err != nil {
			return err
		}
		if _, err := r.Discard(len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// more reads so many bytes more of the body.
func (r *reader) more(size int) error {
	from := len(r.body)
	r.body = slices.Grow(r.body, size)[:from+size]
	_, err := io.ReadFull(r.Reader, r.body[from:])
	return err
}
