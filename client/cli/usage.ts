/** Wrong usage in this command line's own words: everything that is wrong, not only what was found first. */
import type { Command, CommanderError } from 'commander';
import { InvalidInput } from '../errors';

export class WrongUsage extends InvalidInput {
  readonly advice: string;

  constructor(error: CommanderError, command: Command) {
    super(problemsOf(error, command));
    this.name = 'WrongUsage';
    const named = command.parent ? `${command.parent.name()} ${command.name()}` : command.name();
    this.advice = `(run "${named} --help" for how it is used)`;
  }
}

function problemsOf({ code, message }: CommanderError, command: Command): string[] {
  const { args, options, registeredArguments } = command;
  switch (code) {
    case 'commander.missingArgument':
      return registeredArguments
        .slice(args.length)
        .filter(({ required }) => required)
        .map((argument) => `${argument.name().toUpperCase()}: missing`);
    case 'commander.unknownOption': {
      const given = args.filter((arg) => /^--?[a-z]/i.test(arg)).map((arg) => arg.split('=')[0] ?? arg);
      const unknown = given.filter(
        (flag) => !options.some(({ long, short }) => flag === long || flag === short),
      );
      return unknown.length > 1 ? unknown.map((flag) => `unknown option '${flag}'`) : [inOneLine(message)];
    }
    case 'commander.excessArguments': {
      const extra = args.slice(registeredArguments.length).map((arg) => `"${arg}"`);
      return [`too much: ${extra.join(' ')}; a text of several words has to be in quotes`];
    }
    default:
      return [inOneLine(message)];
  }
}

function inOneLine(message: string): string {
  return message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
}
