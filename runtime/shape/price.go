package shape

import (
	"encoding/base64"
	"encoding/json"
	"image"
	_ "image/gif"  // the sizes of images
	_ "image/jpeg" // the sizes of images
	_ "image/png"  // the sizes of images
	"strings"

	"github.com/bridge-gateway/bridge/runtime/call"
	"github.com/bridge-gateway/bridge/runtime/scan"
)

const (
	// longEdge and perToken are how Claude counts an image: width × height / 750
	// once its longer edge is at most 1568 pixels; others are within a factor of 2.
	longEdge = 1568
	perToken = 750
	// unknownImage is the cost of an image whose size can't be read.
	unknownImage = 1600
	// audioRate is tokens for a second of sound, as Gemini counts it.
	audioRate = 32
	// audioBytes is how many bytes a second of sound has at 128 kbit/s.
	audioBytes = 16000
	// binaryBytes is how many bytes of other binary data count as one token.
	binaryBytes = 4
)

// media is what is read of a block that holds base64.
type media struct {
	Type     string `json:"type"`
	Data     string `json:"data"`
	MIMEType string `json:"mimeType"`
	Resource *struct {
		URI      string  `json:"uri"`
		MIMEType string  `json:"mimeType"`
		Text     *string `json:"text"`
		Blob     string  `json:"blob"`
	} `json:"resource"`
}

// inspect reads a block that is no text.
func inspect(b call.Block) media {
	var m media
	if json.Unmarshal(b.Raw, &m) != nil {
		return media{Type: b.Type}
	}
	return m
}

// text returns the text of an embedded text resource.
func (m media) text() (string, bool) {
	if m.Type == "resource" && m.Resource != nil && m.Resource.Text != nil {
		return *m.Resource.Text, true
	}
	return "", false
}

// binary returns the base64 that a block holds, and its media type.
func (m media) binary() (data, mediaType string, ok bool) {
	switch {
	case m.Type == "image", m.Type == "audio":
		return m.Data, m.MIMEType, true
	case m.Type == "resource" && m.Resource != nil && m.Resource.Blob != "":
		return m.Resource.Blob, m.Resource.MIMEType, true
	}
	return "", "", false
}

// estimate is what base64 data costs a model, as an estimate: providers differ,
// and none counts the base64 itself.
func (m media) estimate() int {
	data, mediaType, _ := m.binary()
	length := base64.StdEncoding.DecodedLen(len(data))
	switch {
	case m.Type == "image", strings.HasPrefix(mediaType, "image/"):
		return imageCost(data)
	case m.Type == "audio", strings.HasPrefix(mediaType, "audio/"):
		return max(audioRate, length*audioRate/audioBytes)
	}
	return max(1, length/binaryBytes)
}

func imageCost(data string) int {
	config, _, err := image.DecodeConfig(base64.NewDecoder(base64.StdEncoding, strings.NewReader(data)))
	if err != nil || config.Width <= 0 || config.Height <= 0 {
		return unknownImage
	}
	w, h := float64(config.Width), float64(config.Height)
	if long := max(w, h); long > longEdge {
		w, h = w*longEdge/long, h*longEdge/long
	}
	return max(1, min(int(w*h)/perToken, unknownImage))
}

// blockCost is what a model reads of a block; if that is more than limit it may
// be told too low, but never as limit or less.
func (s *Shaper) blockCost(b call.Block, limit int) int {
	if b.Raw == nil {
		return s.count(b.Text, limit)
	}
	m := inspect(b)
	if text, ok := m.text(); ok {
		return s.count(text, limit)
	}
	if _, _, ok := m.binary(); ok {
		return m.estimate()
	}
	return s.count(scan.View(b.Raw), limit)
}

// cost is what a model reads of a result: the sum of its parts, each counted by
// itself. What is over limit may be told too low, but stays over limit.
func (s *Shaper) cost(r *call.Result, limit int) int {
	n, first := 0, 0
	for i, b := range r.Content {
		c := s.blockCost(b, limit)
		if n += c; i == 0 {
			first = c
		}
	}
	switch {
	case len(r.Structured) == 0:
	case len(r.Content) > 0 && r.Content[0].Raw == nil && r.Content[0].Text == string(r.Structured):
		n += first // the same text
	default:
		n += s.count(scan.View(r.Structured), limit)
	}
	return n
}

const (
	// exact is the longest text that is counted in full where only a report
	// needs it.
	exact = 4 << 20
	// unbounded counts texts of up to exact bytes in full.
	unbounded = -1
)

// count counts a text up to a limit. With an unbounded limit it counts in full,
// and scales up the count of the beginning above 4 MiB.
func (s *Shaper) count(text string, limit int) int {
	switch {
	case limit != unbounded:
		n, _ := s.counter.CountUpTo(text, limit)
		return n
	case len(text) <= exact:
		return s.counter.Count(text)
	}
	return int(float64(s.counter.Count(text[:exact])) * float64(len(text)) / exact)
}

// weigh returns what a result costs and whether that is exact and at most budget.
func (s *Shaper) weigh(r *call.Result, budget int) (int, bool) {
	if budget > 0 {
		if n := s.cost(r, budget); n <= budget {
			return n, true
		}
		return max(budget+1, s.cost(r, unbounded)), false
	}
	return s.cost(r, unbounded), true
}
