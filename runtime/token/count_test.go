package token_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// tricky are texts at the edges of the patterns.
var tricky = []string{
	"", " ", "a", "\n", "\x00", "é", "漢", "😀",
	"don't", "DON'T've", "don't`ve", "I'll we'LL you'Re 'tis 's 'S 'ſ 'K's'İ", "'lla 'l 'v 'r'e", "a's's", "''s", " 's", "x'",
	"HelloWORLDfoo", "helloWorld", "HTTPServer2XXError", "ABC", "aB", "Ab", "漢ABC", "漢ABCd", "ABC漢DEF", "漢A漢B", "a漢B",
	"\n \n", " \n \n ", "  \n  x", "\n\n\n", "\r\n\r\n", "\r\n x", " \r", "x \n", "   ", "x   ", "   x", "\t\tx", "\t x", " \t x", "\v\f x",
	"\u00a0x", "x\u00a0\u00a0y", "\u00a0\u00a0", "\u2003 x", " \u3000\n\u3000x", "\u0085", "a\u2028b\u2029", "\u200b x", "\ufeffx",
	"e\u0301", "\u0301", "\u0301\u0301a", " \u0301", "\u0301A", "\u0301ABC", "\u0301\u0301ABC", "!\u0301a", "!!\u0301a", "A\u0301B", "\n\u0301", "1\u0301", "\u0301's",
	"ǅ", "ǅabc", "aǅb", "ǅǅ", "ʰa", "Aʰ", "aʰB", "ªº", "ß", "İstanbul", "ﬁ",
	"👨‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "❤️", "한국어 텍스트", "ㄱㅏ", "שלום עולם", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया", "ไทยไม่มีช่องว่าง", "日本語とカタカナ、ひらがな。",
	"1", "12", "123", "1234", "1234567890", "1²³", "٣٤٥٦", "Ⅷ", "½x", "1a2b3c", "3.14159", "-1e+10",
	"!!!", "!!!\n\n", "!/\n/", "//\n//\n", "a/b//c", " ///", " !", "  !", "!\r\n/", "{\"a\":[1,2,{\"b\":null}]}", "<a href=\"/x\">y</a>",
	"!é", "! é", " é", " !é", "?!é", "1é", "é1", "aé", "Aé", "éA", "É", "ÉÀa", "  é", " \té", "\n é", "   漢", " ABC漢", "ABC'é", "12٣", "1٣4",
	"<|endoftext|>", "x<|endofprompt|>y", "<|fim_prefix|><|fim_middle|>",
	"\xff", "a\xffb", "\xff\xfe\xfd", "\xe2\x82", "\xe2\x82\xac\xe2", "\xed\xa0\x80", " \xff", "\xff\xffabc", "\xc0\x80", "1\xff2", "'\xff", "\xff\n/\xff", "\xf0\x9f\x98",
	strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 65), strings.Repeat("ab", 100), strings.Repeat("漢字", 40),
	strings.Repeat(" ", 200), strings.Repeat("\n", 130), strings.Repeat("=", 300), strings.Repeat("é", 70), strings.Repeat("\xff", 90), strings.Repeat("\xff", 22), strings.Repeat("Z", 129),
}

func TestTrickyTexts(t *testing.T) {
	for _, p := range pairs(t) {
		for _, text := range tricky {
			p.check(t, text)
			p.check(t, text+"x")
			p.check(t, "x"+text)
			p.check(t, text+" "+text)
			p.check(t, text+"\n"+text)
			p.check(t, text+text)
		}
	}
}

func TestPairsOfTrickyTexts(t *testing.T) {
	for _, p := range pairs(t) {
		for _, a := range tricky {
			for _, b := range tricky {
				if len(a)+len(b) < 40 {
					p.check(t, a+b)
				}
			}
		}
	}
}

// alphabets weight the kinds of text whose neighbourhood decides where pieces
// end. A random text draws from one of them, or from all.
var alphabets = []string{
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJ",
	"aA \n\r\t'/!.",
	"aAsStTrReEvVmMlLdD'' ",
	"0123456789.,-+eE ",
	"{}[]\":,\\/ \nabcde01",
	"aAǅʰ漢\u0301 '",
	"éÉßçÀñü aA'",
	"漢字仮名交じり文、。 \n",
	"абвгдАБВГД '",
	"\u00a0\u2003\u3000\u0085 \n\r\tx!",
	"😀👍🏽\u200d❤\ufe0f🇩🇪 a",
	"한국어ㄱㅏ שלום مرحبا١٢",
	"\U000109f0\U00020000\U0001d400\U0001f600\U0010ffff\ue000 aZ1",
}

// random returns a text of up to size runes, with an invalid byte at times.
func random(r *rand.Rand, size int) string {
	var b strings.Builder
	alphabet := []rune(alphabets[r.IntN(len(alphabets))])
	if r.IntN(4) == 0 {
		alphabet = []rune(strings.Join(alphabets, ""))
	}
	invalid := r.IntN(8) == 0
	for n := r.IntN(size + 1); n > 0; {
		c := alphabet[r.IntN(len(alphabet))]
		for repeat := 1 + r.IntN(1+r.IntN(4)); repeat > 0; repeat-- {
			b.WriteRune(c)
			n--
		}
		if invalid && r.IntN(6) == 0 {
			b.WriteByte(byte(0x80 + r.IntN(0x80)))
		}
	}
	return b.String()
}

func TestRandomTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range pairs(t) {
		for range 6000 {
			p.check(t, random(r, 60))
		}
		for range 40 {
			p.check(t, random(r, 2000))
		}
	}
}

// TestRandomRunes draws from all of Unicode, by blocks.
func TestRandomRunes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, p := range pairs(t) {
		for range 3000 {
			var b strings.Builder
			block := r.IntN(0x323) << 8
			for range 1 + r.IntN(12) {
				switch r.IntN(4) {
				case 0:
					b.WriteRune(rune(" aA1!'\n\t"[r.IntN(8)]))
				default:
					b.WriteRune(rune(block + r.IntN(256)))
				}
			}
			p.check(t, b.String())
		}
	}
}

// TestLongPieces goes through the merging of pieces beyond 64 bytes.
func TestLongPieces(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, p := range pairs(t) {
		for _, alphabet := range []string{"a", " ", "\n", "ab", "abcdefghijklmnopqrstuvwxyz", "=-", "!?.,;:", "漢字仮名", "é", "etaoin"} {
			runes := []rune(alphabet)
			for range 12 {
				text := make([]rune, 50+r.IntN(900))
				for i := range text {
					text[i] = runes[r.IntN(len(runes))]
				}
				p.check(t, string(text))
			}
		}
	}
}

func TestJSON(t *testing.T) {
	for _, p := range pairs(t) {
		p.check(t, jsonText(7, 60<<10))
	}
}

// jsonText returns about size bytes of JSON as APIs give it, by seed.
func jsonText(seed uint64, size int) string {
	r := rand.New(rand.NewPCG(seed, seed))
	words := strings.Fields("open closed the customer order was shipped Invoice payment failed retry after authentication user account São Paulo Zürich naïve über 東京 fix bug in parser when input is empty README documentation pull request merge branch main release version")
	var b strings.Builder
	b.WriteByte('[')
	for b.Len() < size {
		text := make([]string, 3+r.IntN(20))
		for i := range text {
			text[i] = words[r.IntN(len(words))]
		}
		fmt.Fprintf(&b, `{"id":%d,"node_id":"%x","url":"https://api.example.com/repos/%s/issues/%d","title":%q,"user":{"login":"%s%d","site_admin":%t},"labels":[{"name":"%s","color":"%06x"}],"score":%.4f,"closed_at":null,"created_at":"2026-%02d-%02dT%02d:%02d:00Z","body":"%s\n\nIt doesn't work; I've tried \"%s\"."},`,
			r.Uint32(), r.Uint64(), text[0], r.IntN(9999), strings.Join(text, " "), text[1], r.IntN(99), r.IntN(2) == 0, text[2],
			r.IntN(1<<24), r.Float64()*100, 1+r.IntN(12), 1+r.IntN(28), r.IntN(24), r.IntN(60), strings.Join(text, " "), text[1])
	}
	b.WriteString("null]")
	return b.String()
}
