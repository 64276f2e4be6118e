public import Foundations
internal import Synchronization

/// Batch work at a provider without a batch API: so many questions at once, each asked by itself under the deadlines of
/// the batch lane.
///
/// The checkpoint of a question is its answer in the cache (`AnswerLead.succeed`): a run that is driven again asks only
/// what is missing there. What may not be cached is asked again.
public enum LocalWorkers {
    /// Runs `work` on every item, at most so many at once; blocks until all are done.
    ///
    /// - Parameters:
    ///   - stop: when it is raised, nothing more is begun; what runs is waited for.
    ///   - work: called from threads of its own, each item once.
    /// - Returns: the results by item; nil for one that was not begun.
    public static func each<Item: Sendable, Result: Sendable>(
        _ items: [Item], atOnce width: Int, stop: StopSignal?, work: @escaping @Sendable (Item) -> Result
    ) -> [Result?] {
        guard !items.isEmpty else { return [] }
        let list = List<Item, Result>(items)
        @Sendable func run() {
            while stop?.isRaised != true, let (place, item) = list.next() { list.end(place, work(item)) }
            list.leave()
        }
        let count = max(1, min(width, items.count))
        // This thread is one of them: without a thread to be had the work is done all the same.
        for _ in 1..<count {
            list.enter()
            if !OwnThread.start(run) { list.leave() }
        }
        list.enter()
        run()
        while !list.isOver { Pause.wait([list.done], nanoseconds: 1_000_000_000) }
        return list.results
    }

    private final class List<Item: Sendable, Result: Sendable>: Sendable {
        private struct State {
            var next = 0
            var workers = 0
            var results: [Result?]
        }

        private let items: [Item]
        private let state: Mutex<State>
        /// Raised by the last worker that leaves.
        let done = StopSignal()

        init(_ items: [Item]) {
            self.items = items
            state = Mutex(State(results: Array(repeating: nil, count: items.count)))
        }

        func next() -> (Int, Item)? {
            state.withLock { state in
                guard state.next < items.count else { return nil }
                defer { state.next += 1 }
                return (state.next, items[state.next])
            }
        }

        func end(_ place: Int, _ result: Result) { state.withLock { $0.results[place] = result } }

        func enter() { state.withLock { $0.workers += 1 } }

        func leave() {
            let left = state.withLock { state in
                state.workers -= 1
                return state.workers
            }
            if left == 0 { done.raise() }
        }

        var isOver: Bool { state.withLock { $0.workers == 0 } }
        var results: [Result?] { state.withLock(\.results) }
    }
}
