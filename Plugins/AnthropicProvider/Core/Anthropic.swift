/// The protocol of Anthropic.
public enum Anthropic {}
