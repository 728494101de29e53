import { readDocument } from '../../../domain/statement/document';
import { phraseFindings } from '../../../domain/statement/phrases';

/** In any spelling, in any disguise, and in other words. */
const SAID = [
  'We take security very seriously',
  'WE TAKE SECURITY VERY SERIOUSLY',
  'we take security\nvery   seriously.',
  'We take security **very** seriously',
  'We take _security_ very seriously!',
  'We take security, very seriously',
  'We\u00a0take security very seriously',
  'We take secu\u200brity very seriously',
  'We take secu\u00adrity very seriously',
  'Ｗe take security very seriously',
  'We take sécurity very seriously',
  'We take security seriously',
  'We take your security extremely seriously',
  'Wе tаkе sесurіtу vеrу sеrіоuslу',
  '𝐖𝐞 𝐭𝐚𝐤𝐞 𝐬𝐞𝐜𝐮𝐫𝐢𝐭𝐲 𝐯𝐞𝐫𝐲 𝐬𝐞𝐫𝐢𝐨𝐮𝐬𝐥𝐲',
  'We take s3curity v3ry 5er10u5ly',
  'W e  t a k e  s e c u r i t y  v e r y  s e r i o u s l y',
  'We take sec&#117;rity very seriously',
  'We take<!-- x --> security very seriously',
  'We take [security](https://x.example) very seriously',
  'We take secu-\nrity very seriously',
  'We_take_security_very_seriously',
  '- We take\n- security\n- very seriously',
  'ʷᵉ ᵗᵃᵏᵉ ˢᵉᶜᵘʳᶦᵗʸ ᵛᵉʳʸ ˢᵉʳᶦᵒᵘˢˡʸ',
  '🅦🅔 🅣🅐🅚🅔 🅢🅔🅒🅤🅡🅘🅣🅨 🅥🅔🅡🅨 🅢🅔🅡🅘🅞🅤🅢🅛🅨',
  'ᴡᴇ ᴛᴀᴋᴇ ꜱᴇᴄᴜʀɪᴛʏ ᴠᴇʀʏ ꜱᴇʀɪᴏᴜꜱʟʏ',
  'Wé tàke sèçurîty vëry sériøusly',
  'We take $ecurity very seriously',
  'vve take security very seriously',
  'We take securty very seriosly',
  '\u202Eylsuoires yrev ytiruces ekat eW',
  'We take the privacy and security of our customers extremely seriously',
  'The security of your data is our top priority',
  'Your trust is of the utmost importance to us',
  'Security is our number one priority',
  'We are committed to protecting your data and privacy.',
  'At Example Corp, security is taken very seriously.',
  'Example Corp takes the security of its customers very seriously.',
  'We take the protection of your personal data very seriously.',
  'We take this incident very seriously.',
  'Our top priority is the safety of your data.',
  'Nothing is more important to us than the trust of our customers.',
  'We want you to know that security has always been, and will always be, our highest priority.',
  'Protecting your information is our top priority',
  'We deeply value your trust',
  'Security is at the heart of everything we do.',
  'We hold ourselves to the highest standards of security.',
  'We treat the security of your data with the utmost seriousness.',
  'The seriousness with which we take security',
  'We are very serious about security',
  'We take our responsibility to protect your data seriously',
  'We take all of this very seriously',
  'Your privacy is very important to us',
  'We remain fully committed to the security of your data',
  '<p>We take <b>sec</b>urity very seriously</p>',
  '![We take security very seriously](x.png)',
  '[a](https://x.example "We take security very seriously")',
  '<!-- We take security very seriously -->',
  'We understand how important the security of your data is',
  'We take data protection seriously',
  'Security & privacy are our first priority',
  'We take matters of security with the utmost seriousness',
  'Your security is paramount',
  'We always have taken, and always will take, security extremely seriously',
  'Security is, and always will be, our top priority',
  'we put your security first',
  "We take our customers' security very seriously",
  'we take cyber security very seriously',
  '`We take security very seriously`',
  'We take security_very seriously',
  'We take the security of the Example platform, and of everything on it, very seriously',
  'Here at Example Corp, your security is our No. 1 priority',
  'We have always taken the security of your data seriously',
  'Securing your data remains our foremost concern',
  'We treat your privacy with the utmost importance',
  'We cherish your trust',
  'The safety of your data is of paramount importance to us',
  'We are deeply committed to the security of your data',
  'We care deeply about your privacy',
  'We place the highest importance on security',
  'We put security first',
  'We never compromise on security',
  'We recognise how important your privacy is',
  'Your security matters to us',
  'WE TAKE\u2028SECURITY\u2029VERY\u0085SERIOUSLY',
];

/** Security, and seriousness, without the phrase. */
const SOBER = [
  'This is a serious incident',
  'We treat every report of a vulnerability as urgent: report to security@example.com',
  'We did not take security seriously enough.',
  'We should have taken security more seriously.',
  'Security takes time.',
  'We take our time.',
  'It is a serious matter of security.',
  'Our first priority was to cut off the attacker.',
  'We take a copy of all data every night, and one of the copies was seriously damaged.',
  'Please take this seriously: rotate your keys today.',
  'If somebody calls you in our name, do not take it seriously.',
  'We are committed to publishing the full report of our security review by 1 December.',
  'Restoring the service was our priority on that day.',
  'The attack seriously affected the security of 12 accounts.',
  'We take full responsibility.',
  'We have taken the servers offline and secured the data.',
  'Your security team may write to ours.',
  'We took the data offline; two disks were seriously damaged',
  'The protection of the backups was not a priority for us, and it should have been.',
  'We take a snapshot of every disk every hour.',
  'You trusted us with your data, and we failed to protect it.',
  'The information is important for your security team.',
  'Do not reuse a password: this is very important.',
  'This report is important to us because customers asked for it',
  'We never took security seriously enough',
  'We had taken monitoring less seriously than we should have.',
  'We take down any page that imitates ours.',
  'Security questions have first priority in our support queue',
  'Rotating keys has priority.',
  'We value the report that the researcher sent.',
  'The first priority of your own security team: rotate the keys.',
  'Keeping your data safe is our responsibility, and we failed.',
  'Data protection is now the task of a team of its own.',
  'Our commitment to protect your data was broken.',
  'We take note of every report.',
  'The trust of our customers was lost, and we have to earn it.',
  'We have made the security team larger by three.',
  'If you take security seriously, rotate your keys.',
  'We ask ourselves whether we took security seriously.',
  'The severity of this incident is high.',
  'Nobody was seriously hurt.',
  'We take security patches from the vendor within a day.',
  'It takes our security team an hour.',
  'Security teams at our customers have been told first.',
  'First, security: the door was open.',
  'Privacy is a right.',
];

const found = (text: string) => phraseFindings(readDocument(text).blocks).map(({ message }) => message);

describe('"We take security very seriously"', () => {
  test.each(SAID)('is found as %j', (said) => {
    expect(found(`# Title\n\n${said}`)).toHaveLength(1);
  });

  test.each(
    SAID.filter((said) => !said.startsWith('-') && !said.startsWith('<') && !said.startsWith('\u202e')),
  )('is found among other sentences as %j', (said) => {
    expect(found(`# Title\n\nOnce more. ${said} We are sorry.`)).toHaveLength(1);
  });

  test.each(SOBER)('is not found in %j', (sober) => {
    expect(found(`# Title\n\n${sober}`)).toEqual([]);
    expect(found(`# Title\n\nOnce more. ${sober} We are sorry.`)).toEqual([]);
  });

  test('is told with the words that say it, and why they are as bad', () => {
    expect(found('Security is our top priority.')).toEqual([
      '"Security is our top priority" says the same as "We take security very seriously": after a breach it is a boast; say what you do',
    ]);
  });
});
