import Contracts
import Foundations
import Inference
import PluginHost
import Testing

private let second: UInt64 = 1_000_000_000

private func place(_ provider: String = "a", _ model: String = "m", _ lane: Lane = .interactive, flex: Bool = false)
    -> ProviderHealth.Place
{
    .init(provider: provider, model: model, lane: lane, tier: flex ? .flex : .standard)
}

private func failure(
    _ code: SluiceError.Code = .transientError, _ scope: ProviderFailure.Scope = .request, after: UInt64? = nil
) -> ProviderFailure {
    ProviderFailure(code, scope: scope, reason: "r", message: "m", retryAfterMilliseconds: after)
}

@Test
func `A breaker opens at the rate and the volume, lets one through after a while, and closes when that went well`() {
    var breaker = CircuitBreaker()
    for _ in 0..<4 { breaker.fail(at: second) }
    #expect(breaker.state(at: second) == .closed)
    breaker.fail(at: second)
    #expect(breaker.state(at: second) == .open(until: 11 * second))
    #expect(breaker.closedUntil(at: 5 * second) == 11 * second)
    #expect(breaker.health(at: 5 * second) == 0)
    #expect(breaker.closedUntil(at: 11 * second) == nil)
    breaker.send(at: 11 * second)
    #expect(breaker.state(at: 11 * second) == .halfOpen(probing: true))
    #expect(breaker.closedUntil(at: 11 * second) != nil)
    breaker.succeed(at: 12 * second)
    #expect(breaker.state(at: 12 * second) == .closed)
    #expect(breaker.health(at: 12 * second) == 1)
}

@Test func `A probe that fails keeps it open for twice as long; one that is given up lets the next one try`() {
    var breaker = CircuitBreaker()
    for _ in 0..<5 { breaker.fail(at: 0) }
    breaker.send(at: 10 * second)
    breaker.fail(at: 10 * second)
    #expect(breaker.state(at: 10 * second) == .open(until: 30 * second))
    breaker.send(at: 30 * second)
    breaker.abandon(at: 31 * second)
    #expect(breaker.closedUntil(at: 31 * second) == nil)
}

@Test func `What was sent before a breaker opened neither ends its probe nor decides for it`() {
    var breaker = CircuitBreaker()
    let early = breaker.send(at: 0)
    for _ in 0..<5 { breaker.fail(at: 0, sent: early) }
    let probe = breaker.send(at: 10 * second)
    #expect(probe != early)
    breaker.abandon(at: 11 * second, sent: early)
    breaker.fail(at: 11 * second, sent: early)
    breaker.trip(at: 11 * second, sent: early)
    breaker.succeed(at: 11 * second, sent: early)
    #expect(breaker.state(at: 11 * second) == .halfOpen(probing: true))
    breaker.succeed(at: 12 * second, sent: probe)
    #expect(breaker.state(at: 12 * second) == .closed)
    // Behind the probe that went well it is one failure among others.
    breaker.trip(at: 12 * second, sent: early)
    #expect(breaker.state(at: 12 * second) == .closed)
}

@Test func `Stragglers let nobody past a probe and do not shut a provider that is well again`() {
    var health = ProviderHealth()
    let passes = (0..<8).map { _ in health.take(place(), at: 0) }
    for pass in passes[..<5] { health.record(place(), failure(.providerUnhealthy, .provider), pass, at: 5 * second) }
    let later = 15 * second
    let probe = health.take(place(), at: later)
    #expect(probe != nil)
    health.abandon(place(), passes[5], at: later)
    health.record(place(), failure(.timeout), passes[6], at: later)
    health.record(place(), failure(.providerUnhealthy, .provider), passes[7], at: later)
    #expect(health.closed(place(), at: later)?.state == "half_open")
    health.record(place(), probe, latency: 5, at: later + second)
    #expect(health.closed(place(), at: later + second) == nil)
}

@Test func `A closed place says what closed it, and whether waiting helps`() {
    var health = ProviderHealth()
    health.record(place(), failure(.rateLimit, .provider, after: 20_000), at: 0)
    let held = health.closed(place(), at: 5 * second)
    #expect(held?.isForGood == false)
    #expect(held?.failure(at: 5 * second)?.retryAfterMilliseconds == 15_000)
    health.record(place(), failure(.providerUnhealthy, .credential), at: 5 * second)
    #expect(health.closed(place("a", "n"), at: 5 * second)?.isForGood == true)
    // Its time is up: the next request shows whether it is well.
    #expect(health.closed(place(), at: 21 * second) == nil)
}

@Test func `Failures that lie behind the window do not count, and neither do few among many`() {
    var breaker = CircuitBreaker()
    for _ in 0..<4 { breaker.fail(at: 0) }
    breaker.fail(at: 61 * second)
    #expect(breaker.state(at: 61 * second) == .closed)
    var busy = CircuitBreaker()
    for turn in 0..<100 {
        if turn % 3 == 0 { busy.fail(at: second) } else { busy.succeed(at: second) }
    }
    #expect(busy.state(at: second) == .closed)
    #expect(busy.health(at: second) > 0.6)
}

/// Whom a failure closes the door for: credential, model and lane.
@Test(
    arguments: zip(
        [ProviderFailure.Scope.credential, .model, .request],
        [["a:m", "a:n", "a:m batch"], ["a:m", "a:m batch"], []]))
func `A failure that would come again closes what its scope says`(scope: ProviderFailure.Scope, closed: [String]) {
    var health = ProviderHealth()
    _ = health.take(place(), at: 0)
    health.record(place(), failure(.providerUnhealthy, scope), at: 0)
    let asked = [
        ("a:m", place()), ("a:n", place("a", "n")), ("a:m batch", place("a", "m", .batch)), ("b:m", place("b")),
    ]
    #expect(asked.filter { health.closed($0.1, at: 1) != nil }.map(\.0) == closed)
}

@Test func `A full flex tier holds back that tier alone, until the time that was named`() {
    var health = ProviderHealth()
    _ = health.take(place(flex: true), at: 0)
    health.record(place(flex: true), failure(.rateLimit, .lane, after: 20_000), at: 0)
    #expect(health.closed(place("a", "other", .flex, flex: true), at: 19 * second)?.until == 20 * second)
    #expect(health.closed(place("a", "other", .flex, flex: true), at: 20 * second) == nil)
    #expect(health.closed(place(), at: 1) == nil)
    #expect(health.health(place(flex: true), at: 1) == 0)
}

@Test func `One probe alone is let through, and it speaks for all`() {
    var health = ProviderHealth()
    _ = health.take(place(), at: 0)
    health.record(place(), failure(.providerUnhealthy, .credential), at: 0)
    let later = 11 * second
    let probe = health.take(place(), at: later)
    let beside = health.take(place("a", "n"), at: later)
    health.record(place(), latency: 5, at: later)
    let after = health.take(place("a", "n"), at: later)
    #expect([probe != nil, beside != nil, after != nil] == [true, false, true])
    #expect(health.report(at: later) == [:])
}

@Test func `What was asked wrongly is not held against who was asked`() {
    var health = ProviderHealth()
    for _ in 0..<20 { health.record(place(), failure(.deterministicFailure), at: 0) }
    #expect(health.health(place(), at: 0) == 1)
    for _ in 0..<20 { health.record(place(), failure(.quarantineRequired), at: 0) }
    #expect(health.closed(place(), at: 0) != nil)
}

@Test func `Health of a provider is unknown before it is asked, and 0 while it is held back`() {
    var health = ProviderHealth()
    #expect(health.health(provider: "a", at: 0) == nil)
    health.record(place(), latency: 1, at: 0)
    #expect(health.health(provider: "a", at: 0) == 1)
    health.record(place(), failure(.quotaExhausted, .credential, after: 5000), at: 0)
    #expect(health.health(provider: "a", at: 1) == 0)
    #expect(health.report(at: 1) == ["a": "held"])
}

@Test func `Latency is what most answers took, once there are eight`() {
    var health = ProviderHealth()
    for took in 1...7 { health.record(place(), latency: UInt64(took), at: 0) }
    #expect(health.latency(place(), percentile: 0.95) == nil)
    for took in 8...100 { health.record(place(), latency: UInt64(took), at: 0) }
    #expect(health.latency(place(), percentile: 0.95) == 97)
}

@Test func `A probe speaks for the provider, and the best of the providers for the lane`() {
    var health = ProviderHealth()
    #expect(health.health(of: ["a", "b"], at: 0) == nil)
    health.record(provider: "a", probe: .failure(failure(.providerUnhealthy, .credential)), at: 0)
    #expect(health.closed(place(), at: 0)?.state == "open")
    #expect(health.health(of: ["a", "b"], at: 0) == 0)
    health.record(provider: "b", probe: .success(()), at: 0)
    #expect(health.health(of: ["a", "b"], at: 0) == 1)
    health.record(provider: "a", probe: .success(()), at: 11 * second)
    #expect(health.closed(place(), at: 11 * second) == nil)
}
