package search

import (
	"strings"
	"sync"
)

// stopWords say nothing of what a request or a tool is about.
var stopWords = sync.OnceValue(func() map[string]bool {
	stop := map[string]bool{}
	for _, w := range strings.Fields(`
		a an the this that these those there here it its itself one ones some any each every all both either other another such same own
		i me my mine myself we us our ours you your yours he him his she her hers they them their theirs who whom whose which what when where why how
		am is are was were be been being do does did done have has had having can could may might must shall should will would let lets
		and or but nor not no yes if then else than so as at by for from in into of off on onto out over per to toward under until up upon via with within without
		about after again against along already also always around away back because before behind below beside between beyond down during even ever
		few further just last less like longer look lot many more most much near need needs never now often once only please quite rather really right
		since soon still thing things too use used uses using very want wants way well went yet
		given specified following based particular certain available existing current currently
		im ive id dont doesnt didnt isnt arent cant wont thats whats theres lets weve youre
		v1 v2 v3 v4 api apis rest http json true false null etc eg ie
	`) {
		stop[w] = true
	}
	return stop
})
