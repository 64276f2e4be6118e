import Foundations
import Glibc
import Testing

@testable import Inference

@Suite struct `Local workers` {
    @Test(arguments: [1, 3, 8, 100]) func `do each item once, and never more at once than allowed`(_ width: Int) {
        let running = Counter()
        let over = Counter()
        let results = LocalWorkers.each(Array(0..<60), atOnce: width, stop: nil) { item -> Int in
            if running.add() > width { over.add() }
            for _ in 0..<50 { sched_yield() }
            running.add(-1)
            return item * 2
        }
        #expect(results == (0..<60).map { $0 * 2 })
        #expect(over.count == 0)
    }

    @Test func `begin nothing more once the stop is raised`() {
        let stop = StopSignal()
        let begun = Counter()
        let results = LocalWorkers.each(Array(0..<50), atOnce: 2, stop: stop) { item -> Int in
            if begun.add() == 10 { stop.raise() }
            return item
        }
        // The other worker may have begun one meanwhile.
        #expect((10...11).contains(results.count { $0 != nil }))
    }

    @Test func `nothing to do is done`() {
        #expect(LocalWorkers.each([Int](), atOnce: 4, stop: nil) { $0 }.isEmpty)
    }
}
