import DSLFuzz
import Glibc

// Seconds, then a seed that repeats a run: sluice-fuzz-dsl 600 [SEED]
let words = CommandLine.arguments
let seconds = words.count > 1 ? Int(words[1]) ?? 600 : 600
let seed = words.count > 2 ? UInt64(words[2]) ?? 0 : UInt64.random(in: 0...UInt64.max)
print("seed \(seed), \(seconds) s")
var fuzz = PlanFuzz(seed: seed)
let end = time(nil) + seconds
while time(nil) < end {
    for _ in 0..<100 {
        if let find = fuzz.step() {
            print("seed \(seed), document \(fuzz.documents): \(find)")
            exit(1)
        }
    }
}
print("\(fuzz.documents) documents, \(fuzz.programs) of them programs: no finds")
